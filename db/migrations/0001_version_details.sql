ALTER TABLE "versions" ADD COLUMN "description" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "recipe" text;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "extra_data" text;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "epsilon_trained" double precision;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "paper_url" text;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "code_url" text;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "licence" text;--> statement-breakpoint
-- Every version keeps what its model said of all of them.
UPDATE "versions" SET "description" = m."description", "recipe" = m."recipe", "extra_data" = m."extra_data",
  "epsilon_trained" = m."epsilon_trained", "paper_url" = m."paper_url", "code_url" = m."code_url", "licence" = m."licence"
  FROM "models" m WHERE m."id" = "versions"."model_id";--> statement-breakpoint
ALTER TABLE "versions" ALTER COLUMN "recipe" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "versions" ALTER COLUMN "licence" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "models" DROP COLUMN "description";--> statement-breakpoint
ALTER TABLE "models" DROP COLUMN "recipe";--> statement-breakpoint
ALTER TABLE "models" DROP COLUMN "extra_data";--> statement-breakpoint
ALTER TABLE "models" DROP COLUMN "epsilon_trained";--> statement-breakpoint
ALTER TABLE "models" DROP COLUMN "paper_url";--> statement-breakpoint
ALTER TABLE "models" DROP COLUMN "code_url";--> statement-breakpoint
ALTER TABLE "models" DROP COLUMN "licence";
