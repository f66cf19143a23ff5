"""The product for Python callers: a workspace and its use cases; knows neither typer nor rich."""
