/** What programs and their libraries find their files, folders, language and time zone by, and engines their devices. No secret among them. */
const names = new Set([
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TMP", "TEMP", "XDG_CACHE_HOME"],
  ...["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "NODE_OPTIONS"],
  ...["SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"],
  ...["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "CUDA_HOME", "CUDA_PATH", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"],
  ...["HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HSA_OVERRIDE_GFX_VERSION", "VK_ICD_FILENAMES", "VK_DRIVER_FILES"],
  ...["OMP_NUM_THREADS", "OMP_PROC_BIND", "OMP_PLACES"],
]);

const prefixes = ["LC_", "GGML_", "NODE_LLAMA_CPP_"];

/**
 * The part of a program's environment that a process which it starts gets. Settings of the program stay out, secrets among them: a child
 * may run native code on other people's bytes, or under another account that may read the environment of its own processes.
 *
 * @param environment - Pass `process.env`. On Windows names are the same in capitals and not.
 */
export function childEnvironment(environment: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const isPassedOn = (name: string) => names.has(name.toUpperCase()) || prefixes.some((prefix) => name.startsWith(prefix));
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && isPassedOn(entry[0])),
  );
}
