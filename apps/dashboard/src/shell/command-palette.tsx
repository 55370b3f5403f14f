import { Command } from 'cmdk';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { COMMANDS, type CommandId } from '../keyboard/command.ts';
import { useView } from '../view/view.ts';
import { useFocusReturn } from './focus-return.ts';
import { useShell } from './shell-context.ts';

const GROUPS = ['command.time', 'command.view', 'command.navigate'] as const;

/** Every command by its name, found by typing. */
export function CommandPalette({ onClose }: { onClose: () => void }): ReactNode {
  const { texts } = useView();
  const { run } = useShell();
  const returnFocus = useFocusReturn();
  const choose = (id: CommandId): void => {
    onClose();
    run(id);
  };
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/35" />
        <Dialog.Content
          aria-describedby={undefined}
          data-testid="palette"
          onCloseAutoFocus={returnFocus}
          className="fixed top-[14%] left-1/2 z-50 w-[560px] max-w-[calc(100vw-24px)] -translate-x-1/2 overflow-hidden rounded-[12px] border border-line bg-raised shadow-[var(--pop)]"
        >
          <Dialog.Title className="sr-only">{texts.commands}</Dialog.Title>
          <Command label={texts.commands} loop>
            <Command.Input
              placeholder={texts.typeCommand}
              className="h-12 w-full border-b border-line bg-transparent px-4 text-[14px] outline-none! placeholder:text-ink-3"
            />
            <Command.List
              label={texts.commands}
              className="max-h-[min(420px,60vh)] overflow-auto p-1.5 text-[13px]"
            >
              <Command.Empty className="px-2.5 py-6 text-center text-ink-3">
                {texts.noCommand}
              </Command.Empty>
              {GROUPS.map((group) => (
                <Command.Group key={group} heading={texts[group]}>
                  {COMMANDS.filter((command) => command.group === group).map((command) => (
                    <Command.Item
                      key={command.id}
                      value={`${texts[command.text]} ${command.id}`}
                      onSelect={() => choose(command.id)}
                      className="flex h-9 cursor-pointer items-center gap-2.5 rounded-[7px] px-2.5"
                    >
                      {texts[command.text]}
                      {command.keys[0] !== undefined && (
                        <kbd className="kbd ml-auto">{command.keys[0].toUpperCase()}</kbd>
                      )}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
