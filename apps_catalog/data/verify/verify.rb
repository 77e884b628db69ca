require "openssl"

# `headers` by lower-case name; `body` as it arrived, before any parser.
def from_segment?(secret, headers, body)
  id = headers["webhook-id"].to_s
  sent = headers["webhook-timestamp"].to_s
  return false unless sent.match?(/\A\d+\z/) && (Time.now.to_i - sent.to_i).abs <= 5 * 60

  key = secret.delete_prefix("whsec_").unpack1("m")
  digest = OpenSSL::HMAC.digest("SHA256", key, "#{id}.#{sent}.".b + body.b)
  expected = "v1,#{[digest].pack("m0")}"
  headers["webhook-signature"].to_s.split(" ").any? do |given|
    OpenSSL.secure_compare(given, expected)
  end
end
