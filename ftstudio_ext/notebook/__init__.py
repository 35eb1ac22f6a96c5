"""The notebook half: client, magics and forms. It speaks REST only, so that a notebook, a script
and the sidebar always see the same truth."""
