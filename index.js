// n8n loads the node and the credential by the paths in package.json; there is nothing to import.
module.exports = {};
