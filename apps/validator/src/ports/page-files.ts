/** The built page that visitors get, by path below the root; empty where none was built. */
export type PageFiles = ReadonlyMap<string, { readonly bytes: Buffer; readonly contentType: string }>;
