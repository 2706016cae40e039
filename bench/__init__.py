"""What the bars of docs/benchmarks.md are measured with: each module runs by itself."""
