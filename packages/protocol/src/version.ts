/**
 * Version of the bytes on the wire, `major.minor`. Peers with the same major understand each other; a minor only adds.
 */
export const PROTOCOL_VERSION = "3.0";
