/** Environment as a plain record; pass `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable in which btcli keeps the password of a key file: `BT_PW_` and the path, `/` and `.` as `_`, in capitals. */
export function passwordVariableName(path: string): string {
  return `BT_PW_${path.replaceAll("/", "_").replaceAll(".", "_")}`.toUpperCase();
}

/** Password of a key file out of the environment, decoded as btcli encodes it; null when the variable is not set. */
export function readPasswordVariable(path: string, env: Environment): string | null {
  const name = passwordVariableName(path);
  const value = env[name];
  if (value === undefined || value === "") return null;
  return Buffer.from(xorWithName(Buffer.from(value, "base64"), name)).toString("utf8");
}

/** Value of the variable for a password: base64 of the password XORed with the variable's name. It hides, it does not protect. */
export function encodePasswordVariable(path: string, password: string): string {
  return Buffer.from(xorWithName(Buffer.from(password, "utf8"), passwordVariableName(path))).toString("base64");
}

function xorWithName(bytes: Uint8Array, name: string): Uint8Array {
  return bytes.map((byte, index) => byte ^ name.charCodeAt(index % name.length));
}
