// Asks the passkey the question of the page and sends its answer with the form. Everything
// else works without this script; what the answer is worth, the server decides.
"use strict";

(() => {
  const form = document.querySelector("form[data-ceremony]");
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  const button = form.querySelector("button[data-passkey]");
  const told = document.getElementById("passkey-status");
  const ceremony = form.dataset.ceremony; // "get" signs, "create" enrols

  const WORDS = {
    NotAllowedError:
      ceremony === "get"
        ? "Nothing was signed. Either it was cancelled, or it took too long, or the passkey did not check" +
          " that it was you, or the passkey of this letter’s inspector is not on this device. Have the" +
          " right device or security key at hand, with its PIN, fingerprint or face set up, and try again."
        : "No passkey was made. Either it was cancelled, or it took too long, or this device does not" +
          " check who uses it. Set up its PIN, fingerprint or face, and try again.",
    InvalidStateError: "This device holds a passkey for you already. Use another device, or sign with that one.",
    SecurityError: "The browser refuses passkeys at this address. Open the link exactly as it stands in your e-mail.",
    NotSupportedError: "This device offers no kind of passkey that the office accepts. Try another one.",
    unable: "This browser can’t use passkeys. Open the link in a current version of Chrome, Edge, Firefox or Safari.",
  };

  const fromBase64url = (text) => {
    const padded = text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
    return Uint8Array.from(atob(padded), (character) => character.charCodeAt(0));
  };
  const toBase64url = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

  // For browsers without parseRequestOptionsFromJSON, parseCreationOptionsFromJSON and toJSON.
  const decoded = () => {
    const name = ceremony === "get" ? "parseRequestOptionsFromJSON" : "parseCreationOptionsFromJSON";
    if (PublicKeyCredential[name]) return PublicKeyCredential[name](options);
    const keys = (list) => (list ?? []).map((key) => ({ ...key, id: fromBase64url(key.id) }));
    const told = { ...options, challenge: fromBase64url(options.challenge) };
    if (ceremony === "get") return { ...told, allowCredentials: keys(options.allowCredentials) };
    const user = { ...options.user, id: fromBase64url(options.user.id) };
    return { ...told, user, excludeCredentials: keys(options.excludeCredentials) };
  };
  const encoded = (credential) => {
    if (credential.toJSON) return credential.toJSON();
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"])
      if (credential.response[part]) response[part] = toBase64url(credential.response[part]);
    const { id, type } = credential;
    return { id, rawId: toBase64url(credential.rawId), type, response, clientExtensionResults: {} };
  };

  const say = (words, isError) => {
    told.textContent = words;
    told.classList.toggle("error", isError);
  };

  form.addEventListener("submit", async (event) => {
    if (event.submitter !== button) return;
    event.preventDefault();
    button.disabled = true;
    say("Waiting for your passkey…", false);
    try {
      const credential = await navigator.credentials[ceremony]({ publicKey: decoded() });
      form.elements.response.value = JSON.stringify(encoded(credential));
      say("Sending the answer…", false);
      form.submit();
    } catch (error) {
      say(WORDS[error.name] ?? `The passkey could not be used (${error.name}). Try again.`, true);
      button.disabled = false;
      button.focus();
    }
  });

  if (window.PublicKeyCredential && navigator.credentials) button.hidden = false;
  else say(WORDS.unable, true);
})();
