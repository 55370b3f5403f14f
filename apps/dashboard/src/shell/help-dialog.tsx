import { X } from 'lucide-react';
import { Dialog, Switch } from 'radix-ui';
import type { ReactNode } from 'react';
import { COMMANDS } from '../keyboard/command.ts';
import { useView } from '../view/view.ts';
import { useFocusReturn } from './focus-return.ts';
import { useShell } from './shell-context.ts';

/** All shortcuts, and the switch that turns single keys off (WCAG 2.1.4). */
export function HelpDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { texts } = useView();
  const returnFocus = useFocusReturn();
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/35" />
        <Dialog.Content
          aria-describedby={undefined}
          data-testid="help"
          onCloseAutoFocus={returnFocus}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100vh-48px)] w-[640px] max-w-[calc(100vw-24px)] -translate-1/2 flex-col rounded-[12px] border border-line bg-raised shadow-[var(--pop)]"
        >
          <header className="flex h-12 flex-none items-center border-b border-line pr-2.5 pl-4">
            <Dialog.Title className="text-[14px] font-semibold">{texts.help}</Dialog.Title>
            <Dialog.Close className="control ml-auto border-0! px-2!" aria-label={texts.close}>
              <X size={15} aria-hidden />
            </Dialog.Close>
          </header>
          <div className="overflow-y-auto">
            <LetterKeysSwitch />
            <Shortcuts />
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Shortcuts(): ReactNode {
  const { texts } = useView();
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [texts.openCommands, ['⌘K', 'Ctrl K']],
    ...COMMANDS.filter(({ keys }) => keys.length > 0).map(
      ({ text, keys }) => [texts[text], [keys[0]?.toUpperCase() ?? '']] as const,
    ),
    [texts.zoomByDrag, [texts.dragChart]],
    [texts.resetZoom, [texts.doubleClick]],
  ];
  return (
    <dl className="gap-x-8 p-4 text-[12.5px] sm:columns-2">
      {rows.map(([name, keys]) => (
        <div
          key={`${name} ${keys.join(' ')}`}
          className="flex min-h-8 break-inside-avoid items-center gap-3 border-b border-line-soft py-1"
        >
          <dt className="text-ink-2">{name}</dt>
          <dd className="ml-auto flex flex-none gap-1">
            {keys.map((key) => (
              <kbd key={key} className="kbd">
                {key}
              </kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function LetterKeysSwitch(): ReactNode {
  const { texts } = useView();
  const { letterKeys, setLetterKeys } = useShell();
  return (
    <div className="flex items-center gap-3 border-b border-line px-4 py-3">
      <label htmlFor="letter-keys" className="text-[12.5px] font-medium">
        {texts.letterKeys}
        <span className="block text-[11.5px] font-normal text-ink-3">{texts.letterKeysNote}</span>
      </label>
      <Switch.Root
        id="letter-keys"
        data-testid="letter-keys"
        checked={letterKeys}
        onCheckedChange={setLetterKeys}
        className="ml-auto h-6 w-10 flex-none rounded-full bg-line-strong p-[3px] data-[state=checked]:bg-accent"
      >
        <Switch.Thumb className="block size-[18px] rounded-full bg-white transition-transform data-[state=checked]:translate-x-4" />
      </Switch.Root>
    </div>
  );
}
