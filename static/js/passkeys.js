// <button data-passkey="create|get" data-options="id of a JSON script" or data-options-url> fills in `credential` and sends its form.
import { each, words } from "./dom.js";
import { showToast } from "./toasts.js";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (keys = []) => keys.map((key) => ({ ...key, id: bytes(key.id) }));

async function optionsOf(button) {
  if (!button.dataset.optionsUrl) return JSON.parse(document.getElementById(button.dataset.options).textContent);
  const answer = await fetch(button.dataset.optionsUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function create({ creation_options: { publicKey } }) {
  const selection = { ...publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      authenticatorSelection: selection,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
    },
  });
}

async function get({ request_options: { publicKey } }) {
  return navigator.credentials.get({
    publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) },
  });
}

function plain(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const sent = Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, text(response[part])]));
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: sent,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function use(button) {
  const form = button.form;
  if (!form.reportValidity()) return;
  button.disabled = true;
  try {
    const options = await optionsOf(button);
    const credential = await (button.dataset.passkey === "create" ? create(options) : get(options));
    form.elements.credential.value = JSON.stringify(plain(credential));
    form.submit();
  } catch (error) {
    button.disabled = false;
    // Closing the browser's own window is an answer too; it needs no complaint in the console
    showToast({ text: words(error.name === "InvalidStateError" ? "passkey-known" : "passkey-failed"), level: "watch" });
  }
}

export function bindPasskeys(scope) {
  const isPossible = window.PublicKeyCredential !== undefined && window.isSecureContext;
  each(scope, "[data-passkey]", (button) => {
    button.hidden = !isPossible;
    button.addEventListener("click", () => use(button));
  });
  each(scope, "[data-passkey-hint]", (hint) => { hint.hidden = !isPossible; });
  each(scope, "[data-passkey-impossible]", (hint) => { hint.hidden = isPossible; });
}
