CREATE TABLE "loose_blobs" (
	"sha256" text PRIMARY KEY NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL
);
