"""An asynchronous API; the web worker is inferred from this module."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def index() -> dict[str, str]:
    return {"hello": "FastAPI"}


@app.get("/items/{number}")
async def item(number: int) -> dict[str, int]:
    return {"number": number, "square": number * number}
