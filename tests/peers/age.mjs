// age as others wrote it (npm `age-encryption` 0.3.1), for `tests/peers.rs`:
//
//     node age.mjs keys                       two new keys, as JSON
//     node age.mjs encrypt RECIPIENT          from standard input to standard output
//     node age.mjs decrypt IDENTITY           the same
import { buffer } from "node:stream/consumers";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The package is in the folder that this runs in, not in that of this file.
const require = createRequire(process.cwd() + "/");
const age = await import(pathToFileURL(require.resolve("age-encryption")));

const [what, key] = process.argv.slice(2);
if (what === "keys") {
  const identities = [await age.generateHybridIdentity(), await age.generateX25519Identity()];
  const pairs = identities.map(async (identity) => [identity, await age.identityToRecipient(identity)]);
  console.log(JSON.stringify(await Promise.all(pairs)));
} else if (what === "encrypt") {
  const encrypter = new age.Encrypter();
  encrypter.addRecipient(key);
  process.stdout.write(await encrypter.encrypt(await buffer(process.stdin)));
} else if (what === "decrypt") {
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(key);
  process.stdout.write(await decrypter.decrypt(await buffer(process.stdin)));
}
