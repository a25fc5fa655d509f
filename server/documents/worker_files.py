"""What a worker calls the files it leaves in its folder for us."""

CLEAN_FILE = "clean.pdf"
ANNOTATED_FILE = "annotated"
MARKS_FILE = "marks.json"
CONVERTED_FILE = "converted.pdf"
