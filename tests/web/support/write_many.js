/** Runs in the page: types and sends as fast as the page takes it, without waiting for any answer. */
export async function writeMany({ tab, count }) {
  const field = document.querySelector('textarea');
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
  for (let number = 0; number < count; number += 1) {
    set.call(field, `${tab} ${number}`);
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    window.written = number + 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
