-- Up Migration

-- `GET /deployments?verdict=`: of a rare verdict the newest would otherwise be sought among all deployments.
create index verdicts_by_verdict on seqpulse.verdicts (verdict, deployment_id);
