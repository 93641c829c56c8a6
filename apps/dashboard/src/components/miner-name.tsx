import { useNames } from "../data/queries.js";
import { linkTo } from "../data/routes.js";
import { shortHotkey } from "../format/format.js";

/** A miner as a link: the operator's name for it, or the ends of its hotkey. */
export function MinerName({ hotkey }: { readonly hotkey: string }) {
  const name = useNames()[hotkey];
  return (
    <a href={linkTo("miners", hotkey)} title={hotkey} className={name === undefined ? "address" : undefined}>
      {name ?? shortHotkey(hotkey)}
    </a>
  );
}
