// Development only: parts with sample props, to be looked at. Not an entry of the production build.
import { mount } from "svelte";
import { applyTextSize } from "../attach/textsize";
import { startTexts } from "../i18n";
import "../styles/index.css";
import Parts from "./Parts.svelte";
import Reading from "./Reading.svelte";

async function start(): Promise<void> {
  applyTextSize();
  await startTexts("vi");
  const target = document.getElementById("app");
  if (target) mount(location.hash === "#parts" ? Parts : Reading, { target });
}

void start();
