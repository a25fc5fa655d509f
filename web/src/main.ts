import { mount } from "svelte";
import App from "./App.svelte";
import { watchNetwork } from "./attach/network";
import { applyTextSize } from "./attach/textsize";
import { applyTheme } from "./attach/theme";
import { startTexts } from "./i18n";
import { watchParts } from "./state/missing.svelte";
import { emptyWhenLeft } from "./state/tablet.svelte";
import "./styles/index.css";

async function start(): Promise<void> {
  applyTextSize();
  applyTheme();
  watchNetwork();
  watchParts();
  await startTexts();
  emptyWhenLeft();
  const target = document.getElementById("app");
  if (target) mount(App, { target });
  if (import.meta.env.PROD && "serviceWorker" in navigator) {
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  }
}

void start();
