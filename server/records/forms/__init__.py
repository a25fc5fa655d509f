"""The official forms: templates a records clerk can edit, and the code that fills them."""
