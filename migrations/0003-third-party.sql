-- Third-party certificates: what is deployed is written anew from DER, what clients read back is what they sent, to the letter.
alter table certificates add column uploaded_certificate text;
alter table certificates add column uploaded_chain text;

-- A key that an upload was made for is looked up among those of every account.
alter table key_pairs add column public_key_fingerprint text generated always as (encode(sha256(public_key), 'hex')) stored;
create index key_pairs_by_fingerprint on key_pairs (public_key_fingerprint);

-- What an acknowledgement is of: the canonical document, and the hash that clients show and send. Written once per change.
create table frozen_contents (
  change_id bigint primary key references changes (id),
  document text not null,
  hash text not null,
  frozen_at bigint not null
);
