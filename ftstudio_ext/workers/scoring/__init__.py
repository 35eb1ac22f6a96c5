"""How answers are judged: each module one way, pure functions of texts."""
