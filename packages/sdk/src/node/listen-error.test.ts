import { describe, expect, it } from "@jest/globals";
import { listenError } from "./listen-error.js";

const failed = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

describe("listenError", () => {
  it("tells a taken port from one that needs rights, an address of another machine, and what only the system knows", () => {
    const place = { host: "127.0.0.1", port: 80 };
    expect(listenError(place, failed("EADDRINUSE"))).toMatchObject({ code: "SDK_PORT_IN_USE" });
    expect(listenError(place, failed("EACCES")).message).toContain("1024 or more");
    for (const code of ["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"]) {
      expect(listenError(place, failed(code)).message).toContain("not this machine's");
    }
    expect(listenError({ host: undefined, port: 80 }, failed("EMFILE"))).toMatchObject({
      code: "SDK_CANNOT_LISTEN",
      message: "The miner cannot listen on 0.0.0.0:80: listen EMFILE.",
    });
  });
});
