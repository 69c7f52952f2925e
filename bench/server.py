"""The product with one route more, that does nothing: the baseline of the collector's benchmark."""

from app import create_app
from app.access import public

app = create_app()


@app.route("/bench/no-op", methods=["POST"])
@public(csrf_exempt=True)
def no_op():
    return "", 204


if __name__ == "__main__":
    from app.serve import serve

    serve(app, "bench.server:app")
