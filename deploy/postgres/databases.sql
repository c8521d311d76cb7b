-- A database for each service that keeps data; the image makes the consumer's by itself.
CREATE DATABASE store;
CREATE DATABASE mailer;
