-- Standing placements: an alias of _acme-challenge into our zone, and a redirect of the challenge path to our host.

-- Whether a name lies above an enrolled one: it exists then, as an empty non-terminal (RFC 8020).
create index enrollment_names_from_the_top on enrollment_names (reverse(name) text_pattern_ops);

-- A redirected request brings its token, and not the name that it is for.
create index name_validations_by_token on name_validations using gin (challenges jsonb_path_ops) where published;
