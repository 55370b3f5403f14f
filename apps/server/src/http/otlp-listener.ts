import type { FastifyInstance } from 'fastify';
import { StartupError } from '../startup-error.ts';
import { type BaseParts, createBaseServer } from './base-server.ts';
import { answerNoRoute } from './error-answers.ts';
import { listen } from './listener.ts';
import { addOtlpRoutes, type OtlpParts } from './otlp-routes.ts';

/** Receives OTLP on a port of its own, which exporters use unless they are told another one. */
export interface OtlpListener {
  /** Listens if it can. A port that cannot be had is said in the log and stops nothing. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** @param port 0 listens nowhere. */
export function createOtlpListener({
  port,
  ...parts
}: BaseParts & OtlpParts & { readonly port: number }): OtlpListener {
  const { log, listenHost: host } = parts;
  let app: FastifyInstance | undefined;
  return {
    open: async () => {
      if (port === 0) {
        log.info({}, 'OTLP is received on the main port alone (otlp_port is 0).');
        return;
      }
      const made = createBaseServer(parts);
      await addOtlpRoutes(made, parts);
      made.setNotFoundHandler((request, reply) => answerNoRoute(made, request, reply));
      try {
        const url = await listen(made, { host, port });
        app = made;
        log.info({ url }, 'OTLP is received here and on the main port.');
      } catch (error) {
        await made.close();
        if (!(error instanceof StartupError)) throw error;
        log.warn(
          { host, port, got: error.got },
          'The OTLP port cannot be had, so OTLP is received on the main port alone. Senders must be told the main port, ' +
            'or free this one, or set another (HUBPULSE_OTLP_PORT; 0 is off).',
        );
      }
    },
    close: async () => {
      await app?.close();
    },
  };
}
