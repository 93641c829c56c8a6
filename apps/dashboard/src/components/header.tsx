import { useState } from "react";
import { useLive } from "../data/live.js";
import type { Route } from "../data/routes.js";

const places = [
  { page: "overview", label: "Overview", href: "#/" },
  { page: "period", label: "Periods", href: "#/periods/latest" },
  { page: "recompute", label: "Recompute", href: "#/recompute/latest" },
  { page: "chain", label: "Chain", href: "#/chain" },
  { page: "playground", label: "Playground", href: "#/playground" },
  { page: "usage", label: "Usage", href: "#/usage" },
] as const;

const statusWords = { connecting: "Connecting…", open: "Live", lost: "Reconnecting…" } as const;

function LiveMark() {
  const { status } = useLive();
  return (
    <span className={`live ${status}`} role="status">
      {statusWords[status]}
    </span>
  );
}

const THEME = "vision.theme";

function ThemeButton() {
  const [theme, setTheme] = useState(() => localStorage.getItem(THEME) ?? "system");
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  const next = theme === "system" ? "dark" : theme === "dark" ? "light" : "system";
  return (
    <button
      type="button"
      className="plain"
      aria-label={`Colours: ${theme}. Change to ${next}.`}
      title={`Colours: ${theme}`}
      onClick={() => {
        localStorage.setItem(THEME, next);
        setTheme(next);
        // Canvases are drawn in colours that they read once.
        dispatchEvent(new Event("themechange"));
      }}
    >
      <span aria-hidden="true">{{ system: "◐", dark: "●", light: "○" }[theme] ?? "◐"}</span>
    </button>
  );
}

/** Name, places, and whether the validator is heard. */
export function Header({ page, hash, onSkip }: { readonly page: Route["page"]; readonly hash: string; readonly onSkip: () => void }) {
  const { report } = useLive();
  return (
    <header className="top">
      {/* It stays where it is: the place is in the part of the address that names a target elsewhere. */}
      <a className="skip" href={hash} onClick={onSkip}>
        Skip to the content
      </a>
      <a className="brand" href="#/">
        <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
          <path d="M5 8l11 17L27 8" fill="none" stroke="currentColor" strokeWidth="4" strokeLinecap="round" strokeLinejoin="round" />
          <circle cx="16" cy="9" r="3.2" fill="currentColor" />
        </svg>
        Vision
        {report !== null && <span className="tag">subnet {report.netuid}</span>}
      </a>
      <nav aria-label="Pages">
        <ul>
          {places.map((place) => (
            <li key={place.page}>
              <a href={place.href} aria-current={place.page === page ? "page" : undefined}>
                {place.label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <LiveMark />
      <ThemeButton />
    </header>
  );
}
