/** The sentence for every error code, in both languages: `{"page.out_of_range": {"vi": …, "en": …}}`. */
export default import.meta.glob("./errors/*.json", { eager: true, import: "default" });
