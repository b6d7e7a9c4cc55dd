import {
  aesDecryptGCM,
  aesEncryptGCM,
  Curve,
  hkdf,
  NOISE_MODE,
  NOISE_WA_HEADER,
  proto,
  sha256,
  WA_CERT_DETAILS,
} from '@whiskeysockets/baileys';

/** The key pair at the root of the certificate chain; clients must be given the public key. */
export type NoiseRoot = ReturnType<typeof Curve.generateKeyPair>;

const NONE = Buffer.alloc(0);
const YEARS_FROM_NOW = 4_000_000_000;

/**
 * The server side of Noise_XX_25519_AESGCM_SHA256 as WhatsApp uses it: a header that is part of the
 * transcript, frames with a three-byte length, and a certificate chain in the response.
 */
export class NoiseResponder {
  private buffer = NONE;
  private isIntroduced = false;
  private hash: Buffer = Buffer.from(NOISE_MODE);
  private salt: Buffer = this.hash;
  private key: Buffer = this.hash;
  private counter = 0;
  private transport:
    { readonly read: Buffer; readonly write: Buffer; reads: number; writes: number } | undefined;
  private readonly ephemeral = Curve.generateKeyPair();

  constructor(private readonly root: NoiseRoot) {
    this.mixHash(NOISE_WA_HEADER);
  }

  /** Returns the complete frames received so far. Throws if the client is not a WhatsApp client. */
  frames(data: Buffer): Buffer[] {
    this.buffer = Buffer.concat([this.buffer, data]);
    if (!this.isIntroduced && !this.takeIntroduction()) return [];
    const frames: Buffer[] = [];
    for (;;) {
      if (this.buffer.length < 3) return frames;
      const end = 3 + this.buffer.readUIntBE(0, 3);
      if (this.buffer.length < end) return frames;
      frames.push(this.buffer.subarray(3, end));
      this.buffer = this.buffer.subarray(end);
    }
  }

  /** Answers the client's hello with our keys and their certificates. */
  answer(hello: Buffer): Buffer {
    const theirs = proto.HandshakeMessage.decode(hello).clientHello?.ephemeral;
    if (theirs?.length !== 32) throw new Error('a hello without an ephemeral key');
    const fixed = Curve.generateKeyPair();
    this.mixHash(theirs);
    this.mixHash(this.ephemeral.public);
    this.mixKey(Curve.sharedKey(this.ephemeral.private, theirs));
    const encrypted = this.encryptHandshake(fixed.public);
    this.mixKey(Curve.sharedKey(fixed.private, theirs));
    const payload = this.encryptHandshake(certificateChain(this.root, fixed.public));
    return Buffer.from(
      proto.HandshakeMessage.encode({
        serverHello: { ephemeral: this.ephemeral.public, static: encrypted, payload },
      }).finish(),
    );
  }

  /** Reads who the client claims to be; from here on frames are encrypted for transport. */
  finish(message: Buffer): proto.ClientPayload {
    const { clientFinish } = proto.HandshakeMessage.decode(message);
    if (!clientFinish?.static || !clientFinish.payload) throw new Error('an incomplete handshake');
    const noiseKey = this.decryptHandshake(clientFinish.static);
    this.mixKey(Curve.sharedKey(this.ephemeral.private, noiseKey));
    const payload = proto.ClientPayload.decode(this.decryptHandshake(clientFinish.payload));
    const [read, write] = this.derive(NONE);
    this.transport = { read, write, reads: 0, writes: 0 };
    return payload;
  }

  seal(plain: Uint8Array): Buffer {
    const { transport } = this;
    const body = transport
      ? aesEncryptGCM(plain, transport.write, counterIv(transport.writes++), NONE)
      : Buffer.from(plain);
    const length = Buffer.alloc(3);
    length.writeUIntBE(body.length, 0, 3);
    return Buffer.concat([length, body]);
  }

  open(frame: Buffer): Buffer {
    const { transport } = this;
    if (!transport) throw new Error('the handshake is not over');
    return aesDecryptGCM(frame, transport.read, counterIv(transport.reads++), NONE);
  }

  /** Consumes `WA` and the version, possibly preceded by `ED` and routing information. */
  private takeIntroduction(): boolean {
    let start = 0;
    if (this.buffer.length >= 7 && this.buffer.toString('latin1', 0, 2) === 'ED') {
      start = 7 + this.buffer.readUIntBE(4, 3);
    }
    const end = start + NOISE_WA_HEADER.length;
    if (this.buffer.length < end) return false;
    if (!this.buffer.subarray(start, end).equals(NOISE_WA_HEADER)) throw new Error('not a WhatsApp client');
    this.buffer = this.buffer.subarray(end);
    this.isIntroduced = true;
    return true;
  }

  private mixHash(data: Uint8Array): void {
    this.hash = sha256(Buffer.concat([this.hash, data]));
  }

  private derive(data: Buffer): readonly [Buffer, Buffer] {
    const keys = Buffer.from(hkdf(data, 64, { salt: this.salt, info: '' }));
    return [keys.subarray(0, 32), keys.subarray(32)];
  }

  private mixKey(secret: Buffer): void {
    [this.salt, this.key] = this.derive(secret);
    this.counter = 0;
  }

  private encryptHandshake(plain: Uint8Array): Buffer {
    const sealed = aesEncryptGCM(plain, this.key, counterIv(this.counter++), this.hash);
    this.mixHash(sealed);
    return sealed;
  }

  private decryptHandshake(sealed: Uint8Array): Buffer {
    const plain = aesDecryptGCM(sealed, this.key, counterIv(this.counter++), this.hash);
    this.mixHash(sealed);
    return plain;
  }
}

function counterIv(counter: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(counter, 8);
  return iv;
}

/** Root -> intermediate -> leaf, as the real server sends it. */
function certificateChain(root: NoiseRoot, leafKey: Uint8Array): Uint8Array {
  const { Details } = proto.CertChain.NoiseCertificate;
  const intermediate = Curve.generateKeyPair();
  const validity = { notBefore: 0, notAfter: YEARS_FROM_NOW };
  const intermediateDetails = Details.encode({
    serial: 1,
    issuerSerial: WA_CERT_DETAILS.SERIAL,
    key: intermediate.public,
    ...validity,
  }).finish();
  const leafDetails = Details.encode({ serial: 2, issuerSerial: 1, key: leafKey, ...validity }).finish();
  return proto.CertChain.encode({
    leaf: { details: leafDetails, signature: Curve.sign(intermediate.private, leafDetails) },
    intermediate: {
      details: intermediateDetails,
      signature: Curve.sign(root.private, intermediateDetails),
    },
  }).finish();
}
