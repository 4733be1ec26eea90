/**
 * SPU objects: the servers that hold partitions.
 *
 * Spec:   i32 id, u8 type (0 managed, 1 custom),
 *         public  { u16 port, vec ingress{ option string host, option string ip }, u8 encryption },
 *         private { u16 port, string host, u8 encryption }, option string rack,
 *         option public local endpoint
 * Status: u8 (0 online, 1 offline, 2 init)
 */
import type { Reader } from "./reader.ts";
import { decodeTag } from "./topic.ts";
import type { Writer } from "./writer.ts";

export const SPU_RESOLUTION = ["online", "offline", "init"] as const;
export type SpuResolution = (typeof SPU_RESOLUTION)[number];

export interface Ingress {
  readonly host: string | null;
  readonly ip: string | null;
}

export interface PublicEndpoint {
  readonly port: number;
  readonly ingress: readonly Ingress[];
  readonly encrypted: boolean;
}

export interface LocalEndpoint {
  readonly port: number;
  readonly host: string;
  readonly encrypted: boolean;
}

export interface SpuSpec {
  readonly id: number;
  readonly custom: boolean;
  readonly publicEndpoint: PublicEndpoint;
  readonly privateEndpoint: LocalEndpoint;
  readonly rack: string | null;
  readonly localEndpoint: LocalEndpoint | null;
}

export interface SpuStatus {
  readonly resolution: SpuResolution;
}

export function encodeSpuSpec(writer: Writer, spec: SpuSpec): void {
  writer.i32(spec.id);
  writer.u8(spec.custom ? 1 : 0);
  writer.u16(spec.publicEndpoint.port);
  writer.vec(spec.publicEndpoint.ingress, (ingress) => {
    writer.option(ingress.host, (host) => writer.string(host));
    writer.option(ingress.ip, (ip) => writer.string(ip));
  });
  writer.u8(spec.publicEndpoint.encrypted ? 1 : 0);
  encodeEndpoint(writer, spec.privateEndpoint);
  writer.option(spec.rack, (rack) => writer.string(rack));
  writer.option(spec.localEndpoint, (endpoint) => encodeEndpoint(writer, endpoint));
}

export function decodeSpuSpec(reader: Reader): SpuSpec {
  return {
    id: reader.i32(),
    custom: reader.u8() === 1,
    publicEndpoint: {
      port: reader.u16(),
      ingress: reader.vec(
        () => ({
          host: reader.option(() => reader.string()),
          ip: reader.option(() => reader.string()),
        }),
        2,
      ),
      encrypted: reader.u8() !== 0,
    },
    privateEndpoint: decodeEndpoint(reader),
    rack: reader.option(() => reader.string()),
    localEndpoint: reader.option(() => decodeEndpoint(reader)),
  };
}

export function encodeSpuStatus(writer: Writer, status: SpuStatus): void {
  writer.u8(SPU_RESOLUTION.indexOf(status.resolution));
}

export function decodeSpuStatus(reader: Reader): SpuStatus {
  return { resolution: decodeTag(reader, SPU_RESOLUTION, "SPU resolution") };
}

function encodeEndpoint(writer: Writer, endpoint: LocalEndpoint): void {
  writer.u16(endpoint.port);
  writer.string(endpoint.host);
  writer.u8(endpoint.encrypted ? 1 : 0);
}

function decodeEndpoint(reader: Reader): LocalEndpoint {
  return { port: reader.u16(), host: reader.string(), encrypted: reader.u8() !== 0 };
}
