"""The words of all papers' pages, and finding pages by them."""
