-- A replay of a moment (`known_at`) needs no version of a row that retention has removed since.
{{ refuse_expired_replay(ref('stg_loader__loads')) }}
