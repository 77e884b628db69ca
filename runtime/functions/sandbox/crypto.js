// node:crypto and Web Crypto as one object. Node's objects stay behind closures: their prototypes are not frozen.
const CHAINED = ["update", "setAutoPadding", "setAuthTag", "setAAD"];
const FINAL = ["digest", "final", "sign", "verify", "getAuthTag"];
const MAKERS = ["createHash", "createHmac", "createSign", "createVerify", "createCipheriv", "createDecipheriv"];
const PLAIN = [
  "randomBytes", "randomInt", "timingSafeEqual", "pbkdf2Sync", "scryptSync", "hkdfSync", "getHashes",
  "createPublicKey", "createPrivateKey", "createSecretKey",
];
const RETURNS_SELF = { __proto__: null, createHash: true, createHmac: true, createSign: true, createVerify: true };

function quiet(maker, real) {
  const shown = {};
  for (const name of CHAINED) {
    if (typeof real[name] !== "function") continue;
    // A cipher's update gives the next bytes; a hash's gives the hash.
    const isChain = name !== "update" || RETURNS_SELF[maker];
    shown[name] = (...args) => {
      const answer = real[name](...args);
      return isChain ? shown : answer;
    };
  }
  for (const name of FINAL) if (typeof real[name] === "function") shown[name] = (...args) => real[name](...args);
  return shown;
}

export function quietCrypto(node, web) {
  const made = Object.fromEntries(MAKERS.map((name) => [name, (...args) => quiet(name, node[name](...args))]));
  const plain = Object.fromEntries(PLAIN.map((name) => [name, (...args) => node[name](...args)]));
  const getRandomValues = (array) => web.getRandomValues(array);
  const randomUUID = () => web.randomUUID(); // that of Node asks the global crypto, which is ours
  return { ...made, ...plain, getRandomValues, randomUUID, subtle: web.subtle, webcrypto: { subtle: web.subtle, getRandomValues } };
}
