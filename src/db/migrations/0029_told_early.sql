-- Up Migration

-- Who wants to know of rollbacks wants to know of early ones, and when they are not confirmed.
update seqpulse.notification_channels set events = events || '{early_rollback,early_not_confirmed}'
where 'rollback_recommended' = any(events) and not 'early_rollback' = any(events);
