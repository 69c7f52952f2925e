"""Book, move, cancel and close appointments; tell of them."""
