"""What a worker calls the files it leaves in its folder for us."""

CLEAN_FILE = "clean.pdf"
ANNOTATED_FILE = "annotated"
MARKS_FILE = "marks.json"
CONVERTED_FILE = "converted.pdf"
OUTLINE_FILE = "outline.json"


def words_file(page: int) -> str:
    """The words of a page; `1.json` in houses that did not yet understand fonts from before Unicode."""
    return f"{page}-words.json"
