// Prints one TypeScript module as JavaScript, so that the tests can give it to a browser without a bundler.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [, , root, file] = process.argv;
const ts = createRequire(`${root}/package.json`)("typescript");
const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
process.stdout.write(ts.transpileModule(readFileSync(file, "utf8"), { compilerOptions: options }).outputText);
