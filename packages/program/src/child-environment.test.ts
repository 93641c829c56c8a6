import { describe, expect, it } from "@jest/globals";
import { childEnvironment } from "./child-environment.js";

describe("childEnvironment", () => {
  it("a child process was given every password and database URL of its program", () => {
    const secrets = {
      DATABASE_URL: "postgres://user:password@host/db",
      PGPASSWORD: "password",
      BT_PW__HOME_USER_WALLET: "c2VjcmV0",
      VISION_VALIDATOR_HOTKEY_MNEMONIC: "abandon abandon",
      REDIS_URL: "redis://:password@host",
      NVIDIA_API_KEY: "nvapi-secret",
      AWS_SECRET_ACCESS_KEY: "secret",
    };
    expect(childEnvironment({ ...secrets, PATH: "/bin" })).toEqual({ PATH: "/bin" });
  });

  it("keeps what programs and engines look up their files, language and devices by, also as Windows spells it", () => {
    const kept = { Path: "C:\\bin", SystemRoot: "C:\\Windows", LC_ALL: "C", CUDA_VISIBLE_DEVICES: "1", GGML_VK_VISIBLE_DEVICES: "0" };
    expect(childEnvironment({ ...kept, TZ: undefined })).toEqual(kept);
  });
});
