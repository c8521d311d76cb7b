-- A database for each service that keeps books; the image makes the consumer's by itself.
CREATE DATABASE store;
CREATE DATABASE mailer;
