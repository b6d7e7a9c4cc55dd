import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  aesDecryptCTR,
  aesDecryptGCM,
  aesEncryptCTR,
  Curve,
  derivePairingCodeKey,
  hkdf,
  hmacSign,
  proto,
  WA_ADV_ACCOUNT_SIG_PREFIX,
  WA_ADV_DEVICE_SIG_PREFIX,
  type BinaryNode,
} from '@whiskeysockets/baileys';
import type { Companion } from './companion.js';
import type { Connection } from './connection.js';
import { bytesOf, child, node, nowSeconds } from './nodes.js';
import type { FakePhone } from './phone.js';
import type { World } from './world.js';

/** What a device that wants to be linked with a code has sent to the server. */
export interface CodeRequest {
  readonly phone: string;
  readonly ref: Buffer;
  readonly wrappedKey: Buffer;
}

/** Links a waiting device by scanning its QR code with the phone. */
export async function pairByQr(world: World, phone: FakePhone, qr: string): Promise<Companion> {
  const [ref = '', , identity = '', secret = ''] = qr.slice(qr.indexOf('#') + 1).split(',');
  const connection = world.waitingForPairing().find((waiting) => waiting.refs.includes(ref));
  if (!connection) throw new Error('this QR code is not valid any more');
  const key = Buffer.from(identity, 'base64');
  if (!connection.registration?.identity.equals(key)) throw new Error('the QR code is of another device');
  return link(connection, phone, Buffer.from(secret, 'base64'));
}

/** Links a waiting device by typing the code it shows. */
export async function pairByCode(world: World, phone: FakePhone, code: string): Promise<Companion> {
  const connection = await waitForRequest(world, phone);
  const request = connection?.codeRequest;
  if (!connection || !request) throw new Error('no device asked to be linked with a code');
  const typed = code.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
  const { wrappedKey } = request;
  const unwrapped = aesDecryptCTR(
    wrappedKey.subarray(48, 80),
    await derivePairingCodeKey(typed, wrappedKey.subarray(0, 32)),
    wrappedKey.subarray(32, 48),
  );
  const ephemeral = Curve.generateKeyPair();
  const identity = phone.device.creds.signedIdentityKey;
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const wrapped = aesEncryptCTR(ephemeral.public, await derivePairingCodeKey(typed, salt), iv);
  const finished = connection.expectCodeFinish();
  connection.send(
    node(
      'notification',
      { from: 's.whatsapp.net', type: 'link_code_companion_reg', id: 'code', t: nowSeconds() },
      [
        node('link_code_companion_reg', { stage: 'primary_hello' }, [
          node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, Buffer.concat([salt, iv, wrapped])),
          node('primary_identity_pub', {}, Buffer.from(identity.public)),
          node('link_code_pairing_ref', {}, request.ref),
        ]),
      ],
    ),
  );
  const shared = Curve.sharedKey(ephemeral.private, unwrapped);
  const secret = secretOf(await finished, shared, identity.private, connection);
  return link(connection, phone, secret);
}

/** Waits for the device's request: a person types a code more slowly than the server receives it. */
async function waitForRequest(world: World, phone: FakePhone): Promise<Connection | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    const waitingPhone = world.waitingForPairing().find((waiting) => waiting.codeRequest?.phone === phone.pn);
    if (waitingPhone) return waitingPhone;
    await sleep(20);
  }
  return undefined;
}

/** The device's bundle proves that it knows the code; both sides derive the same secret. */
function secretOf(finish: BinaryNode, shared: Buffer, identity: Uint8Array, connection: Connection): Buffer {
  const bundle = bytesOf(child(finish, 'link_code_pairing_wrapped_key_bundle'));
  const key = hkdf(shared, 32, {
    salt: bundle.subarray(0, 32),
    info: 'link_code_pairing_key_bundle_encryption_key',
  });
  const plain = aesDecryptGCM(
    bundle.subarray(44),
    Buffer.from(key),
    bundle.subarray(32, 44),
    Buffer.alloc(0),
  );
  const companionIdentity = plain.subarray(0, 32);
  if (!connection.registration?.identity.equals(companionIdentity)) throw new Error('a wrong code');
  const identityShared = Curve.sharedKey(identity, companionIdentity);
  const input = Buffer.concat([shared, identityShared, plain.subarray(64, 96)]);
  return Buffer.from(hkdf(input, 32, { info: 'adv_secret' }));
}

/** The phone signs the device's identity, and the device signs in return; it must then reconnect. */
async function link(connection: Connection, phone: FakePhone, secret: Buffer): Promise<Companion> {
  const { registration } = connection;
  if (!registration) throw new Error('the device did not register');
  const account = phone.device.creds.signedIdentityKey;
  const details = proto.ADVDeviceIdentity.encode({
    rawId: 1,
    timestamp: Math.floor(Date.now() / 1000),
    keyIndex: 1,
  }).finish();
  const signed = Buffer.concat([WA_ADV_ACCOUNT_SIG_PREFIX, details, registration.identity]);
  const identity = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: account.public,
    accountSignature: Curve.sign(account.private, signed),
  }).finish();
  const content = proto.ADVSignedDeviceIdentityHMAC.encode({
    details: identity,
    hmac: hmacSign(identity, secret),
  }).finish();
  const companion = phone.link(registration);
  const { pn, lid } = phone.jidsOf(companion);
  const answer = await connection.ask(
    node('iq', { from: 's.whatsapp.net', type: 'set', id: 'pairing', xmlns: 'md' }, [
      node('pair-success', {}, [
        node('device-identity', {}, content),
        node('device', { jid: pn, lid }),
        node('platform', { name: 'android' }),
      ]),
    ]),
  );
  const proof = bytesOf(child(child(answer, 'pair-device-sign'), 'device-identity'));
  const { deviceSignature } = proto.ADVSignedDeviceIdentity.decode(proof);
  const expected = Buffer.concat([
    WA_ADV_DEVICE_SIG_PREFIX,
    details,
    registration.identity,
    Buffer.from(account.public),
  ]);
  if (!deviceSignature || !Curve.verify(registration.identity, expected, deviceSignature)) {
    throw new Error('the device does not prove its identity');
  }
  connection.endWith(node('stream:error', { code: '515' }));
  return companion;
}
