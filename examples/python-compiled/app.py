"""A page that needs libraries written in C and Fortran."""

import numpy as np
import psycopg2
import psycopg2.extensions
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> dict[str, object]:
    matrix = np.array([[2.0, 0.0], [0.0, 3.0]])
    return {
        "determinant": float(np.linalg.det(matrix)),
        "libpq": psycopg2.__libpq_version__ > 0,
        "quoted": psycopg2.extensions.QuotedString("it's").getquoted().decode(),
    }
