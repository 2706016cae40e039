"""What happens once: who is asked, who comes, who came."""
