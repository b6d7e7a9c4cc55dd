import { expect, it } from 'vitest';
import { statedFacts } from '../../src/people/suggestions/stated-facts.js';

it.each([
  ['my email is Ani.W@Example.com, thanks', { email: 'ani.w@example.com' }],
  ['email saya ani@example.co.id.', { email: 'ani@example.co.id' }],
  ['ani@example.com', { email: 'ani@example.com' }],
  ['nomor saya 0812-3456-7890 ya kak', { phone: '+6281234567890' }],
  ['You can reach me at +62 812 3456 7890', { phone: '+6281234567890' }],
  ['0812 3456 7890', { phone: '+6281234567890' }],
  ['Halo, nama saya Ani Wijaya dari Solo', { name: 'Ani Wijaya' }],
  ["Hi, my name is Mary O'Neil and I want a shirt", { name: "Mary O'Neil" }],
])('“%s” states something about its sender', (text, facts) => {
  expect(statedFacts(text, 'ID')).toEqual(facts);
});

it.each([
  'my order is 0812345678901',
  'nomor istri saya 081234567890',
  'is your email toko@example.com?',
  'resi saya 00123456789012',
  'what is the name of this shirt?',
  'harga 08123456789 saya kurang tahu',
  'please send the invoice to boss@corp.example',
  `my email is a@b.cd ${'x'.repeat(400)}`,
  '',
])('“%s” states nothing about its sender', (text) => expect(statedFacts(text, 'ID')).toEqual({}));
