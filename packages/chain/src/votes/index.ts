export { type ChainVotes, readVotes } from "./read-votes.js";
export { type Ballot, type Tally, type TallyInput, tallyVotes } from "./tally-votes.js";
export { createVote, shareOut, VOTE_TOTAL_PPM, type Vote } from "./vote.js";
export { type DecodedVote, decodeVote, encodeVote, MAX_VOTE_BYTES } from "./vote-bytes.js";
