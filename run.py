"""The way in: `python run.py` serves; `flask --app run ...` commands."""

from app import create_app

app = create_app()

if __name__ == "__main__":
    from app.serve import serve

    serve(app)
