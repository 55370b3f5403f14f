import { useState } from 'react';

/**
 * Remembers what had the focus when a dialog was first drawn, and gives the function that returns it there when the
 * dialog closes: to be called as `onCloseAutoFocus`. What took the focus in the meantime keeps it, such as a part that
 * a command opened.
 */
export function useFocusReturn(): (event: Event) => void {
  const [opener] = useState(() => document.activeElement);
  return (event) => {
    event.preventDefault();
    const isFree = document.activeElement === null || document.activeElement === document.body;
    if (isFree && opener instanceof HTMLElement) opener.focus();
  };
}
