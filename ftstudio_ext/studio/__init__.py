"""What the product does, one module a noun."""
