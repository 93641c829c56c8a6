import type { ReactNode } from "react";

/** A table that scrolls by itself where the window is too narrow, by keyboard too. */
export function ScrollTable({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <section className="scroll" aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </section>
  );
}
