/** All English texts, one file a subject; the file's name is the first word of its keys. */
export default import.meta.glob("./en/*.json", { eager: true, import: "default" });
