"""A camera for Chromium: a film (Y4M) of what a phone's screen shows, as a desk's camera would see it."""

import io
import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 1280, 720
SHARE = 0.55
"""The code's share of the frame's height."""


def film(path: Path, screenshot: bytes, *, seed: int = 1, n_frames: int = 12) -> None:
    """Write a looping film of `screenshot` (PNG of the code with its quiet zone): straight, warped, blurred and dim frames.

    The file is replaced in one step: Chromium opens it anew at each start of the camera.
    """
    chance = random.Random(seed)
    code = Image.open(io.BytesIO(screenshot)).convert("L")
    frames = [
        _frame(code, chance, kind) for kind in ("plain", "warped", "blurred", "dim") for _ in range(n_frames // 4)
    ]
    chance.shuffle(frames)
    _write(path, frames)


def film_of(path: Path, screenshot: bytes, kind: str, *, seed: int, n_empty: int, n_frames: int = 6) -> None:
    """A looping film that begins with an empty counter; then the code, always the same `kind` of frame."""
    chance = random.Random(seed)
    code = Image.open(io.BytesIO(screenshot)).convert("L")
    frame = _frame(code, chance, kind)
    _write(path, [Image.new("L", (WIDTH, HEIGHT), 90)] * n_empty + [frame] * n_frames)


def blank(path: Path) -> None:
    """A film of an empty counter. Slow: looking for a code thirty times a second keeps a whole processor busy."""
    _write(path, [Image.new("L", (WIDTH, HEIGHT), 90)], per_second=2)


def _write(path: Path, frames: list[Image.Image], per_second: int = 30) -> None:
    grey = b"\x80" * (WIDTH * HEIGHT // 2)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n" % (WIDTH, HEIGHT, per_second))
        for frame in frames:
            file.write(b"FRAME\n" + frame.tobytes() + grey)
    fresh.replace(path)


def _frame(code: Image.Image, chance: random.Random, kind: str) -> Image.Image:
    side = round(HEIGHT * SHARE)
    picture = code.resize((side, side), Image.Resampling.LANCZOS)
    frame = Image.new("L", (WIDTH, HEIGHT), chance.randint(70, 120))
    left = (WIDTH - side) // 2 + chance.randint(-60, 60)
    top = (HEIGHT - side) // 2 + chance.randint(-40, 40)
    frame.paste(picture, (left, top))
    if kind == "warped":
        frame = frame.transform(
            (WIDTH, HEIGHT), Image.Transform.PERSPECTIVE, _perspective(chance), Image.Resampling.BICUBIC, fillcolor=90
        ).rotate(chance.uniform(-20, 20), Image.Resampling.BICUBIC, fillcolor=90)
    if kind == "blurred":
        frame = frame.filter(ImageFilter.GaussianBlur(chance.uniform(0.8, 1.4)))
    if kind == "dim":
        noise = np.random.default_rng(chance.randint(0, 9999)).normal(0, 6, (HEIGHT, WIDTH))
        frame = Image.fromarray(np.clip(np.asarray(frame) * 0.4 + noise + 8, 0, 255).astype(np.uint8), "L")
    return frame


def _perspective(chance: random.Random) -> list[float]:
    """The eight coefficients that lay the frame's corners up to 5 % beside their places."""
    corners = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    moved = [(x + chance.uniform(-0.05, 0.05) * WIDTH, y + chance.uniform(-0.05, 0.05) * HEIGHT) for x, y in corners]
    rows, values = [], []
    for (x, y), (u, v) in zip(moved, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(values))]
