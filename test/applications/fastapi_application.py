"""A FastAPI application with prometheus-fastapi-instrumentator as its README sets it up."""

from fastapi import FastAPI, HTTPException
from prometheus_fastapi_instrumentator import Instrumentator

app = FastAPI()
Instrumentator().instrument(app).expose(app)


@app.get("/")
def index():
    return "served"


@app.get("/fault")
def fault():
    raise HTTPException(status_code=500)
